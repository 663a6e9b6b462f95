/**
 * api/aws/models/tagging — the one operation of the Resource Groups Tagging API that load balancer
 * controllers call, written by hand in the form scripts/aws-models.ts writes. Source: its API
 * reference (2017-01-26), GetResources.
 */
export const MODEL = `{"service":"tagging",
"signingName":"tagging",
"protocol":"awsJson1.1",
"xmlNamespace":"",
"version":"2017-01-26",
"target":"ResourceGroupsTaggingAPI_20170126",
"errors":{"InvalidParameterException":["InvalidParameterException",400],"PaginationTokenExpiredException":["PaginationTokenExpiredException",400]},
"others":[["DescribeReportCreation"],["GetComplianceSummary"],["GetTagKeys"],["GetTagValues"],["ListRequiredTags"],["StartReportCreation"],["TagResources"],["UntagResources"]],
"operations":{
"GetResources":{"i":"GetResourcesInput","o":"GetResourcesOutput"}
},
"shapes":{
"GetResourcesInput":{"m":[["PaginationToken",0],["TagFilters","TagFilterList"],["ResourcesPerPage",1],["TagsPerPage",1],["ResourceTypeFilters",64],["IncludeComplianceDetails",2],["ExcludeCompliantResources",2],["ResourceARNList",64]]},
"TagFilterList":{"l":["TagFilter"]},
"TagFilter":{"m":[["Key",0],["Values",64]]},
"GetResourcesOutput":{"m":[["PaginationToken",0],["ResourceTagMappingList","ResourceTagMappingList"]]},
"ResourceTagMappingList":{"l":["ResourceTagMapping"]},
"ResourceTagMapping":{"m":[["ResourceARN",0],["Tags","TagList"]]},
"TagList":{"l":["Tag"]},
"Tag":{"m":[["Key",0],["Value",0]]}
}}`;
